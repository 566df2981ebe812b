@core @http @command-line
Feature: Cancellation and expiry of unpaid orders
  An unpaid order ends when the learner cancels it or its hold expires. A payment is never lost by that.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33 with 1 seat
    And Ada adds "6.86x-1T2027" to her basket
    And Ada checks out

  Rule: A learner can cancel an unpaid order, unless its payment is being checked

    @ORD-10
    Scenario: Cancelling releases the seat and keeps the basket
      When Ada cancels her order
      Then Ada's order is cancelled
      And the total of Ada's basket is $39.33
      When Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      Then Bob's order is awaiting payment

    @ORD-11
    Scenario: Cancelling an order that turns out to be paid leaves it paid
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And 1 minute passes
      And Ada cancels her order
      Then Ada's order is paid

    @ORD-12
    Scenario: Cancelling is refused while the payment is being checked
      When Ada pays with a valid card, but the request never reaches the payment gateway
      And Ada cancels her order
      Then the shop refuses with the message "We are still checking with the payment service"
      And Ada's payment is being checked

  Rule: An unpaid order expires 30 minutes after it was placed

    @ORD-13
    Scenario: The seat is released when the order expires
      When 31 minutes pass
      And the scheduled payment check runs
      Then Ada's order has expired
      When Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      Then Bob's order is awaiting payment

    @ORD-14
    Scenario: An order whose payment is being checked does not expire
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And the payment gateway has no record of the payment
      And 20 minutes pass
      And the scheduled payment check runs
      Then Ada's payment is being checked

    @ORD-39
    Scenario: A declined card extends the hold, and the order is declined when it ends
      When 25 minutes pass
      And Ada pays with a card that is declined for insufficient funds
      And 20 minutes pass
      And the scheduled payment check runs
      Then Ada's order is awaiting another card
      When 15 minutes pass
      And the scheduled payment check runs
      Then Ada's order is declined
      When Bob adds "6.86x-1T2027" to his basket
      Then the total of Bob's basket is $39.33

  Rule: A payment that is reported late is applied if the seat is still free, and refunded otherwise

    @ORD-15
    Scenario: A late payment with a free seat makes the order paid
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And the payment gateway has no record of the payment
      And 45 minutes pass
      And the scheduled payment check runs
      Then Ada's order has expired
      When the payment gateway reports that Ada has paid
      Then Ada's order is paid
      And $39.33 was charged
      And nothing was refunded

    @ORD-16
    Scenario: A late payment without a free seat is refunded
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And the payment gateway has no record of the payment
      And 45 minutes pass
      And the scheduled payment check runs
      And Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      And the payment gateway reports that Ada has paid
      Then Ada's order has expired
      And Ada's order needs attention
      When the scheduled payment check runs
      Then $39.33 was refunded
      When Bob pays with a valid card
      Then Bob's order is paid

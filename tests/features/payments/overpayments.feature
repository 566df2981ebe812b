@core @http @command-line
Feature: Overpayments
  Money that an order cannot use goes back to the learner.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33 with 1 seat
    And the shop sells the course run "14.310x-1T2027" for $199.99

  Rule: An order is paid once, and a second payment is refunded

    @PAY-71
    Scenario: The first payment turns out to have gone through after the second
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And the payment gateway has no record of the payment
      And 31 minutes pass
      And Ada asks whether the payment went through
      Then Ada's order is awaiting another attempt
      When Ada pays with a valid card
      Then Ada's order is paid
      When the payment gateway reports that Ada's first payment went through
      Then Ada's order is paid
      And Ada's order needs attention
      And $78.66 was charged
      When the scheduled payment check runs
      Then $39.33 was refunded
      And Ada's order is paid

  Rule: An overpayment whose refund failed can be refunded again by staff, once

    @PAY-54
    Scenario: Staff refund an overpayment after the automatic refund failed
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And the payment gateway has no record of the payment
      And 45 minutes pass
      And the scheduled payment check runs
      And Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      And the payment gateway rejects the next refund
      And the payment gateway reports that Ada has paid
      And the scheduled payment check runs
      Then nothing was refunded
      And Ada's order needs attention
      When staff refund Ada's overpayment
      Then $39.33 was refunded
      And Ada's order has expired
      When staff refund Ada's overpayment
      Then staff are refused with the message "no payment too many"

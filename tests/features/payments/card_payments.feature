@core @http @command-line
Feature: Card payments
  Whatever the payment gateway answers, and whenever it does, no learner is charged twice and no payment is lost.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33 with 1 seat
    And Ada adds "6.86x-1T2027" to her basket
    And Ada checks out

  Rule: A captured payment makes the order paid

    @PAY-01
    Scenario: A valid card pays the order
      When Ada pays with a valid card
      Then Ada's order is paid
      And $39.33 was charged
      And Ada's basket is empty
      And Ada's receipt shows "$39.33"

    @PAY-02
    Scenario: A form that is submitted twice charges once
      When Ada pays with a valid card and submits the form twice
      Then Ada's order is paid
      And $39.33 was charged
      And no request was refused

  Rule: A declined card leaves the order open for another card

    @PAY-03
    Scenario: The learner pays with another card after a decline
      When Ada pays with a card that is declined for insufficient funds
      Then Ada's order is awaiting another card
      And nothing was charged
      And the total of Ada's basket is $39.33
      When Ada pays with a valid card
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-04
    Scenario: The fifth declined card ends the order
      When Ada pays 5 times with a card that is declined for insufficient funds
      Then Ada's order is declined
      And nothing was charged
      When Bob adds "6.86x-1T2027" to his basket
      Then the total of Bob's basket is $39.33

  Rule: A payment held for review is neither paid nor declined until the review ends

    @PAY-05
    Scenario: The order is paid when the review accepts the payment
      When Ada pays with a card that the payment gateway holds for review
      Then Ada's order is held for review
      When the payment gateway accepts Ada's payment
      And 60 minutes pass
      And the scheduled payment check runs
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-06
    Scenario: The order is cancelled when the review rejects the payment
      When Ada pays with a card that the payment gateway holds for review
      And the payment gateway rejects Ada's payment
      And 60 minutes pass
      And the scheduled payment check runs
      Then Ada's order is cancelled
      And nothing was charged
      When Bob adds "6.86x-1T2027" to his basket
      Then the total of Bob's basket is $39.33

  Rule: A payment without an answer is being checked, and is never charged again

    @PAY-07
    Scenario: A lost answer is found by asking the payment gateway
      When Ada pays with a valid card, but the payment gateway's answer is lost
      Then Ada's payment is being checked
      When 1 minute passes
      And Ada asks whether the payment went through
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-08
    Scenario: A lost request counts as not charged only after 30 minutes
      When Ada pays with a valid card, but the request never reaches the payment gateway
      Then Ada's payment is being checked
      When 5 minutes pass
      And the scheduled payment check runs
      Then Ada's payment is being checked
      When 25 minutes pass
      And Ada asks whether the payment went through
      Then Ada's order is awaiting another attempt
      When Ada pays with a valid card
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-09
    Scenario: A second payment is not possible while the first is being checked
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And Ada tries to pay again
      Then Ada's payment is being checked
      And $39.33 was charged

  Rule: A payment gateway that is unavailable charges nothing

    @PAY-10
    Scenario: The learner pays once the payment gateway is available again
      Given the payment gateway is unavailable
      When Ada pays with a valid card
      Then the shop refuses with the message "The payment service does not answer at the moment"
      And Ada's order is awaiting payment
      When the payment gateway is available again
      And Ada pays with a valid card
      Then Ada's order is paid

  Rule: An approval for a part of the amount is not a payment

    @PAY-66
    Scenario: A card that is approved for a part of the amount counts as declined
      When Ada pays with a card that is approved for a part of the amount only
      Then Ada's order is awaiting another card
      When Ada pays with a valid card
      Then Ada's order is paid
      And $39.33 was charged

  Rule: A payment of another amount or currency does not pay the order

    @PAY-67
    Scenario: A wrong amount flags the order and is refunded
      When Ada pays with a valid card, but the payment gateway captures 29.33 USD
      Then Ada's order is awaiting payment
      And Ada's order needs attention
      When the scheduled payment check runs
      Then $29.33 was refunded

    @PAY-68
    Scenario: The right amount in a wrong currency flags the order
      When Ada pays with a valid card, but the payment gateway captures 39.33 EUR
      Then Ada's order is awaiting payment
      And Ada's order needs attention
